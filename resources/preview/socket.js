// The socket: how a page in another browser tells its batches; what cannot be told yet waits, in bounds.
const makeSocket = (address) => {
  const WAITING = 20, FIRST = 500, LONGEST = 15000;
  const Socket = WebSocket, later = setTimeout, { min } = Math;
  let waiting = [], socket = null, pause = FIRST;

  const connect = () => {
    socket = new Socket(address);
    socket.addEventListener("open", () => {
      pause = FIRST;
      for (const batch of waiting) socket.send(batch);
      waiting = [];
    });
    socket.addEventListener("close", () => {
      later(connect, pause);
      pause = min(pause * 2, LONGEST);
    });
  };
  connect();
  return (batch) => {
    if (socket.readyState === 1) socket.send(batch);
    else if (waiting.length < WAITING) waiting[waiting.length] = batch;
  };
};
