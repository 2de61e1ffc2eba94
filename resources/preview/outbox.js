// The outbox: what a page has to say, in small numbers at a time. A page that says more than it may is counted.
//
// Everything this file uses is taken before the page's own scripts run, which may replace any of it.
const makeOutbox = (deliver) => {
  const EVERY = 100, ERRORS = 30, OTHERS = 50, CHARACTERS = 120000, LONGEST = 6000, PAGE = 200;
  const BATCH = 240000; // so long a batch is read; a character of an entry can take six in it
  const { stringify } = JSON, now = Date.now, later = setTimeout, { min } = Math;
  const began = cut(location.pathname, PAGE); // the page may call itself something else later on
  let waiting = [], errors = 0, others = 0, characters = 0, dropped = 0, droppedErrors = 0;
  let last = null, sent = 0, scheduled = false;

  const flush = () => {
    if (!waiting.length && !dropped) return;
    let batch = packed();
    if (batch.length > BATCH) {
      leaveOut();
      batch = packed();
    }
    waiting = [], errors = 0, others = 0, characters = 0, dropped = 0, droppedErrors = 0, last = null, sent = now();
    deliver(batch);
  };
  const packed = () => stringify({ entries: waiting, dropped, droppedErrors, began, page: cut(location.pathname, PAGE) });
  // Keeps the errors that fit and then what fits of the rest, in their order; the others are counted.
  const leaveOut = () => {
    const fits = [], kept = [];
    let room = BATCH - LONGEST;
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < waiting.length; at++) {
        const grave = waiting[at].level === "error";
        if (grave !== (round === 0)) continue;
        const length = stringify(waiting[at]).length + 1;
        fits[at] = length <= room;
        if (fits[at]) room -= length;
        else {
          dropped += waiting[at].count;
          if (grave) droppedErrors += waiting[at].count;
        }
      }
    }
    for (let at = 0; at < waiting.length; at++) if (fits[at]) kept[kept.length] = waiting[at];
    waiting = kept;
  };
  const tick = () => {
    scheduled = false;
    flush();
  };

  return {
    flush,
    // Whether an entry of this level would be taken now: whoever asks first saves the work of making it.
    hasRoom: (grave) => (grave ? errors < ERRORS : others < OTHERS) && characters < CHARACTERS,
    drop(grave) {
      dropped += 1;
      if (grave) droppedErrors += 1;
      this.schedule();
    },
    add(entry) {
      const grave = entry.level === "error";
      entry.text = cut(entry.text, LONGEST), entry.stack = cut(entry.stack || "", LONGEST);
      if (last && last.text === entry.text && last.kind === entry.kind && last.stack === entry.stack &&
          last.level === entry.level) {
        last.count += 1;
        this.schedule();
        return;
      }
      if (!this.hasRoom(grave)) {
        this.drop(grave);
        return;
      }
      entry.count = 1, entry.time = entry.time || now();
      waiting[waiting.length] = last = entry;
      characters += entry.text.length + entry.stack.length;
      if (grave) errors += 1;
      else others += 1;
      this.schedule();
    },
    schedule() {
      // A page that never lets go would keep a timer from coming: then what waits goes with what it says next.
      if (now() - sent >= EVERY) flush();
      else if (!scheduled) {
        scheduled = true;
        later(tick, min(EVERY, EVERY - (now() - sent) + 1));
      }
    },
  };

  function cut(text, most) {
    return text.length <= most ? text : text.slice(0, most) + " … (" + (text.length - most) + " characters more)";
  }
};
