"""The gate: allow, ask or deny, decided from a table and never by a prompt."""

from __future__ import annotations

from studio.domain.tools import ApprovalMode, Risk, Verdict

_VERDICTS: dict[tuple[Risk, ApprovalMode], Verdict] = {
    (Risk.READ, ApprovalMode.ASK): Verdict.ALLOW,
    (Risk.READ, ApprovalMode.AUTO): Verdict.ALLOW,
    (Risk.READ, ApprovalMode.DENY): Verdict.ALLOW,
    # Writes stay on the run's own branch until a person merges it, so they need no question.
    (Risk.WRITE, ApprovalMode.ASK): Verdict.ALLOW,
    (Risk.WRITE, ApprovalMode.AUTO): Verdict.ALLOW,
    (Risk.WRITE, ApprovalMode.DENY): Verdict.ALLOW,
    (Risk.EXECUTE, ApprovalMode.ASK): Verdict.ASK,
    (Risk.EXECUTE, ApprovalMode.AUTO): Verdict.ALLOW,
    (Risk.EXECUTE, ApprovalMode.DENY): Verdict.DENY,
    # A question is for a person in every mode but the one that says nobody is to be asked.
    (Risk.ASK, ApprovalMode.ASK): Verdict.ASK,
    (Risk.ASK, ApprovalMode.AUTO): Verdict.ASK,
    (Risk.ASK, ApprovalMode.DENY): Verdict.DENY,
}


def judge(risk: Risk, mode: ApprovalMode) -> Verdict:
    """The verdict for a call of this risk in this mode."""
    return _VERDICTS[risk, mode]


def denial(risk: Risk) -> str:
    """What the model is told about a call the gate denied."""
    if risk is Risk.ASK:
        return "Nobody is there to answer. Decide yourself, and say what you assumed."
    return "The policy of this run does not allow commands. Go on without them, and say what you could not check."
