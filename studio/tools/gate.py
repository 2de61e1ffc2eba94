"""The gate: allow, ask or deny, decided from a table and never by a prompt."""

from __future__ import annotations

from studio.domain.tools import ApprovalMode, CommandClass, Risk, Sorted, Verdict

_VERDICTS: dict[tuple[Risk, ApprovalMode], Verdict] = {
    (Risk.READ, ApprovalMode.ASK): Verdict.ALLOW,
    (Risk.READ, ApprovalMode.AUTO): Verdict.ALLOW,
    (Risk.READ, ApprovalMode.DENY): Verdict.ALLOW,
    # Writes stay on the run's own branch until a person merges it, so they need no question.
    (Risk.WRITE, ApprovalMode.ASK): Verdict.ALLOW,
    (Risk.WRITE, ApprovalMode.AUTO): Verdict.ALLOW,
    (Risk.WRITE, ApprovalMode.DENY): Verdict.ALLOW,
    # A question is for a person in every mode but the one that says nobody is to be asked.
    (Risk.ASK, ApprovalMode.ASK): Verdict.ASK,
    (Risk.ASK, ApprovalMode.AUTO): Verdict.ASK,
    (Risk.ASK, ApprovalMode.DENY): Verdict.DENY,
}


_COMMANDS: dict[tuple[CommandClass, ApprovalMode], Verdict] = {
    # The sandbox holds whatever a command does, so that in auto mode only one thing is left for a person:
    # what rewrites history that is not the run's own.
    **{(kind, ApprovalMode.ASK): Verdict.ASK for kind in CommandClass},
    **{(kind, ApprovalMode.AUTO): Verdict.ALLOW for kind in CommandClass},
    **{(kind, ApprovalMode.DENY): Verdict.DENY for kind in CommandClass},
    (CommandClass.READ, ApprovalMode.ASK): Verdict.ALLOW,
    (CommandClass.PUBLISHED, ApprovalMode.AUTO): Verdict.ASK,
}

_DOES: dict[CommandClass, str] = {
    CommandClass.READ: "It only reads.",
    CommandClass.WRITE: "It writes files.",
    CommandClass.RUN: "It runs code of the project.",
    CommandClass.NETWORK: "It uses the network.",
    CommandClass.INSTALL: "It adds or removes software.",
    CommandClass.DELETE: "It deletes files or changes.",
    CommandClass.HISTORY: "It rewrites the git history of this run.",
    CommandClass.SERVER: "It calls a tool of an MCP server.",
    CommandClass.PUBLISHED: "It rewrites git history outside this run.",
}


def judge(risk: Risk, mode: ApprovalMode, kind: CommandClass = CommandClass.UNKNOWN) -> Verdict:
    """The verdict for a call of this risk in this mode; of a call that executes a command, `kind` is its class."""
    if risk is Risk.EXECUTE:
        return _COMMANDS[kind, mode]
    return _VERDICTS[risk, mode]


def question_about(command: Sorted) -> str:
    """What a person is asked about a command: whether to run it, and what it does."""
    if command.kind is CommandClass.UNKNOWN:
        return f"Run this command? What it does cannot be told: {command.reason}."
    return f"Run this command? {_DOES[command.kind]}"


def denial_by_rule(covers_what: str, whose: str) -> str:
    """What the model is told about a call that a deny rule forbids."""
    return (
        f"Denied by a rule of this {whose}, which forbids: {covers_what}. It was not run, and asking again changes "
        "nothing. Do not try to do the same in another way, such as through a script or another tool. Go on without "
        "it, and say what you could not do."
    )


def denial(risk: Risk) -> str:
    """What the model is told about a call the gate denied."""
    if risk is Risk.ASK:
        return "Nobody is there to answer. Decide yourself, and say what you assumed."
    return "The policy of this run does not allow commands. Go on without them, and say what you could not check."
