"""Paying: for whom a model is asked, what a call used, and what becomes of the money that was held for it."""

from __future__ import annotations

from studio.agents.history import History
from studio.agents.limits import nusd_left
from studio.domain.budgets import Payer
from studio.domain.events import ModelFailed, UsageRecorded
from studio.domain.ids import TurnId
from studio.domain.money import NanoUsd
from studio.domain.runs import Run
from studio.router import ledger
from studio.router.failures import Failure
from studio.router.router import Completion
from studio.store import usage
from studio.store.connection import Connection


def payer_of(run: Run, history: History, step: int) -> Payer:
    """Whom one step of a run is for, and what its message may still cost."""
    left = nusd_left(run.limits, history)
    turn = run.turn or TurnId("")
    purpose = run.purpose
    return Payer(
        run.project, run.id, turn, step, run.role, purpose.brief, purpose.task, left, since=history.message_time
    )


def note_usage(connection: Connection, run: Run, spent: UsageRecorded | ModelFailed) -> None:
    """Saves what one of the run's calls used, for all that the run is for."""
    usage.add(connection, run.project, run.id, spent, brief=run.purpose.brief, task=run.purpose.task)


def settle_replied(connection: Connection, done: Completion) -> None:
    """Lets go of what was held for a reply, or keeps what its provider may charge beyond a mere guess."""
    if done.reply.counted:
        ledger.settle(connection, done.held)
    else:
        ledger.keep(connection, done.held, NanoUsd(done.cost_nusd or 0))


def settle_failed(connection: Connection, failure: Failure) -> None:
    """Lets go of what was held for a failed try, or keeps the part of which nobody knows whether it was charged."""
    if failure.is_paid_for:
        ledger.settle(connection, failure.held)
    else:
        ledger.keep(connection, failure.held, NanoUsd(failure.cost_nusd or 0))


def usage_recorded(run: Run, step: int, done: Completion) -> UsageRecorded:
    """What a completed call used."""
    return usage_of(_caller(run, step), done)


def model_failed(run: Run, step: int, failure: Failure) -> ModelFailed:
    """Why a try failed, and what it used all the same."""
    return failure_of(_caller(run, step), failure)


def usage_of(payer: Payer, done: Completion) -> UsageRecorded:
    """What a completed call used that was made for `payer`."""
    return UsageRecorded(
        payer.turn,
        payer.step,
        str(done.model),
        payer.role,
        done.reply.usage.input,
        done.reply.usage.output,
        done.reply.usage.cache_read,
        done.reply.usage.cache_write,
        done.cost_nusd,
        done.milliseconds,
        done.reply.finish,
        done.saved_nusd,
        done.cached,
        done.first_token_ms,
        done.reply.usage.cache_write_1h,
    )


def failure_of(payer: Payer, failure: Failure) -> ModelFailed:
    """Why a try failed that was made for `payer`, and what it used all the same."""
    return ModelFailed(
        payer.turn,
        payer.step,
        str(failure.model),
        failure.error.fault.value,
        failure.error.sentence,
        failure.retry_in,
        str(failure.next_model) if failure.next_model else "",
        payer.role,
        failure.usage.input,
        failure.usage.output,
        failure.usage.cache_read,
        failure.usage.cache_write,
        failure.cost_nusd,
        failure.milliseconds,
        failure.first_token_ms,
        failure.usage.cache_write_1h,
    )


def _caller(run: Run, step: int) -> Payer:
    return Payer(run.project, run.id, run.turn or TurnId(""), step, run.role)
