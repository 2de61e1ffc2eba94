"""Bootstrap: the one place where everything is built and joined."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from studio.agents.aids import Aids
from studio.agents.context import StepLimits
from studio.agents.experiments import Experiments
from studio.agents.failures import Failures
from studio.agents.hearing import Hearing
from studio.agents.journal import Journal
from studio.agents.keeping import Keeper
from studio.agents.live import LiveRuns
from studio.agents.parking import Parking
from studio.agents.queue import Queueing
from studio.agents.replay.player import Player
from studio.agents.restoring import Restorer
from studio.agents.roles import Roles
from studio.agents.servers import Servers
from studio.agents.skills import Skills
from studio.agents.turns import TurnRunner
from studio.agents.warming import Warming
from studio.app.aids import OfferedAids
from studio.app.asking import asking_in
from studio.app.board import Boards
from studio.app.briefs import WrittenBriefs
from studio.app.budgets import Budgets
from studio.app.chats import Chats
from studio.app.consoles import Consoles
from studio.app.container_engines import ContainerEngines
from studio.app.decisions import Decisions
from studio.app.doctor import Doctor
from studio.app.engines import others_in
from studio.app.estimates import Estimates
from studio.app.experiments import TriedExperiments
from studio.app.feed import Feed
from studio.app.files import Files
from studio.app.fitness import Fitnesses
from studio.app.forking import Forks
from studio.app.going_out import going_out_in
from studio.app.ground import address_in, ground_of
from studio.app.handovers import Handovers
from studio.app.parkings import Parkings
from studio.app.plans import SandboxPlans
from studio.app.policies import Policies
from studio.app.preferences import Preferences
from studio.app.previews import Previews
from studio.app.processes import Processes
from studio.app.projects import Projects
from studio.app.provider_tests import ProviderTests
from studio.app.providers import Providers
from studio.app.queue import Queues
from studio.app.references import References
from studio.app.replay import Replays
from studio.app.restoring import Restoring
from studio.app.retrying import Retries
from studio.app.review import Review
from studio.app.roles import OfferedRoles
from studio.app.routing_tables import RoutingTables
from studio.app.rule_drafts import RuleDrafts
from studio.app.sandboxing import MEBIBYTE, beside_of, look_after, plans_in, sandboxes_door, sandboxing_in, watch_over
from studio.app.standing import Access, acts_of, close_sandboxes, rouse, start_engine
from studio.app.studio import Studio
from studio.app.terminals import Terminals
from studio.app.usage import Usages
from studio.app.vault import Vault
from studio.base.aio import Tasks, in_thread
from studio.base.faults import VARIABLE, FaultPoints
from studio.base.log import logger
from studio.base.resources import resource
from studio.board.board import Board
from studio.board.briefs import Briefs
from studio.board.mail import Mail
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.rules import Rules
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.events.tail import Tail
from studio.router.answers import Answers, Bounds
from studio.router.fitness import FitnessTest
from studio.store.database import Database
from studio.store.lock import EngineLock
from studio.workflow.acts import LocalActs
from studio.workflow.alarms import Alarms
from studio.workflow.seat import Seat
from studio.workflow.turns import Turns
from studio.workspace.person import PersonGit
from studio.workspace.workspaces import Workspaces

log = logger("app")


async def open_studio(environment: Mapping[str, str], access: Access) -> Studio:
    """Opens the data folder that the environment names. Raises StudioError; on any error nothing stays open."""
    async with AsyncExitStack() as stack:
        studio = await _build(environment, access, stack)
        # From here on whoever holds the Studio closes it; that runs in the order opposite to opening.
        return replace(studio, close=stack.pop_all().aclose)


async def _build(environment: Mapping[str, str], access: Access, stack: AsyncExitStack) -> Studio:
    ground = await in_thread(ground_of, environment)
    environment, secrets, keys = ground.environment, ground.secrets, ground.keys
    paths, settings, clock, redactor = ground.paths, ground.settings, ground.clock, ground.redactor
    lock = EngineLock(paths.lock)
    stack.callback(lock.release)
    seat = Seat(lock, clock, brief=access is Access.WRITE)
    attached = access is Access.READ or not await seat.take()

    database = await Database.open(paths.database, attached=attached)
    stack.push_async_callback(database.close)

    hub = Hub(redactor)
    faults = FaultPoints(environment[VARIABLE]) if VARIABLE in environment else None
    recorder = Recorder(database, hub, clock, redactor, faults)
    journal = Journal(database, recorder)
    checkpoints = Checkpoints(database, recorder, clock)
    rules = Rules(database, recorder, clock)
    board, mail = Board(database, recorder, clock), Mail(database, recorder, clock)
    briefs = Briefs(database, recorder, clock)
    asking = await asking_in(ground, database, recorder, stack)
    prices, ledger, router, windows = asking.prices, asking.ledger, asking.router, asking.windows
    configured, routing, routes, choices = asking.configured, asking.routing, asking.routes, asking.choices

    going_out = going_out_in(environment, settings, clock, database, recorder, hub, checkpoints, stack)
    sandboxing = sandboxing_in(environment, paths, settings, clock, recorder, going_out.egress, stack)
    engine, sandboxes, images = sandboxing.engine, sandboxing.sandboxes, sandboxing.images
    watch = watch_over(sandboxing, database, recorder, clock, stack)
    # A machine without Git can still ask doctor what is missing; all else says so when it needs it.
    git = shutil.which("git", path=environment.get("PATH", "")) or "git"
    workspaces = Workspaces(paths, git, environment, sandboxes.owner)
    person = PersonGit(git, environment)
    hearing = Hearing(Failures(database, recorder), clock, hub.delta)
    stack.push_async_callback(hearing.close)
    plans, preparing = plans_in(sandboxing, paths, settings, going_out.egress, workspaces, database, recorder)
    beside = beside_of(settings, workspaces, database, recorder, hub.delta)
    warming = Warming(sandboxes, workspaces, clock, settings.sandbox_pool if access is Access.ENGINE else 0)
    live_runs = LiveRuns(
        *(sandboxes, images, plans, watch, workspaces, beside, journal, hub.delta, settings.command_timeout),
        *(hearing, preparing, warming),
    )
    keeper = Keeper(database, live_runs, journal)
    roles = Roles(resource("roles"), workspaces)
    thinking = settings.thinking_tokens if settings.thinking_tokens >= 0 else None
    step = StepLimits(settings.max_output_tokens, settings.model_idle_seconds, settings.compact_at / 100, thinking)
    skills = Skills(workspaces)
    servers = Servers(workspaces, paths.servers, clock)
    stack.push_async_callback(servers.close)
    aids = Aids(skills, servers, database, recorder)
    answers = Answers(
        database, recorder, clock, Bounds(settings.answer_cache_mb * MEBIBYTE, settings.answer_cache_days)
    )
    runner = TurnRunner(
        *(database, recorder, journal, checkpoints, live_runs, router, routes, roles, clock, hub.delta, windows, step),
        *(aids, board, mail, answers, watch),
    )
    queueing = Queueing(database, recorder, journal, checkpoints)
    turns = Turns(database, runner, queueing, clock)
    parking = Parking(database, recorder, journal)
    alarms = Alarms(parking, turns, hub, clock)

    local = LocalActs(seat)
    acts = acts_of(paths, clock, access, attached, local, seat, stack)
    vault = Vault(acts, recorder, secrets, keys, redactor, router.forget)
    providers = Providers(
        *(acts, ground.declared, recorder, keys, configured, address_in(ground), router.forget, routing, choices),
        vault=vault,
    )
    previews, consoles = Previews(acts, sandboxes, database, live_runs), Consoles(acts, sandboxes, hearing)
    files = Files(acts, database, workspaces, keeper)
    review = Review(acts, database, recorder, journal, checkpoints, workspaces, live_runs, keeper)
    references = References(database, files, review, consoles)
    trials = Experiments(paths.experiments, resource("roles"), choices.require_usable, choices.default_model)
    chats = Chats(
        *(acts, database, recorder, journal, checkpoints, workspaces, turns, roles, choices, references, trials),
        *(mail, clock),
    )
    offered_roles = OfferedRoles(database, workspaces, roles)
    fitness = Fitnesses(acts, database, recorder, FitnessTest(router, windows, clock), prices, choices, offered_roles)
    restorer = Restorer(database, recorder, journal, checkpoints, live_runs)
    projects = Projects(acts, database, recorder, workspaces, person, live_runs, clock)
    studio = Studio(
        paths=paths,
        settings=settings,
        projects=projects,
        chats=chats,
        review=review,
        references=references,
        handovers=Handovers(database, workspaces),
        forks=Forks(acts, database, recorder, journal, choices, clock),
        restoring=Restoring(acts, database, restorer),
        retries=Retries(acts, database, journal, restorer, turns, choices),
        parkings=Parkings(acts, database, journal, parking, turns, choices, router),
        queue=Queues(acts, database, recorder, journal, queueing, turns, workspaces, references, choices),
        replays=Replays(database, Player(roles, skills, workspaces, windows, step)),
        files=files,
        terminals=Terminals(acts, database, live_runs),
        previews=previews,
        consoles=consoles,
        sandboxes=sandboxes_door(sandboxing, acts, database, live_runs, beside, preparing, paths, clock),
        processes=Processes(acts, sandboxes),
        checkpoints=Decisions(acts, database, recorder, journal, checkpoints, rules, turns, going_out.networks),
        networks=going_out.door(acts, sandboxes),
        plans=SandboxPlans(plans, workspaces, beside.compose, preparing.trust, going_out.networks),
        policies=Policies(acts, database, recorder, rules, clock),
        rule_drafts=RuleDrafts(database, rules),
        budgets=Budgets(acts, database, ledger, projects, board, briefs),
        estimates=Estimates(database, ledger, prices, choices, clock),
        experiments=TriedExperiments(database, trials),
        usage=Usages(database, clock, ledger, routing.look),
        vault=vault,
        providers=providers,
        provider_tests=ProviderTests(acts, recorder, router, prices, clock, choices, ground.registry),
        preferences=Preferences(acts, paths, environment, choices),
        doctor=Doctor(
            *(environment, paths, person, engine, images, router, configured, vault, keys, ground.registry),
            *(sandboxing.folders, others_in(environment, settings)),
        ),
        container_engine=ContainerEngines(acts, watch),
        models=choices,
        pulls=asking.pulls,
        routing=RoutingTables(acts, paths.home / "models.toml", routing, database, recorder, offered_roles),
        roles=offered_roles,
        fitness=fitness,
        board=Boards(acts, board, mail),
        briefs=WrittenBriefs(acts, briefs),
        aids=OfferedAids(database, workspaces, skills, servers),
        feed=Feed(database, hub),
        images=images,
        is_attached=lambda: not seat.taken,
        own_engine=seat.mine,
        engine_lost=seat.not_usable,
        close=_nothing_to_close,
    )
    local.serve(studio.board, studio.budgets, studio.projects, studio.chats, studio.review, studio.checkpoints)
    local.serve(studio.terminals, studio.files, previews, studio.processes, studio.policies, studio.preferences)
    local.serve(studio.restoring, studio.forks, studio.retries, studio.queue, studio.vault, studio.fitness)
    local.serve(studio.networks, studio.container_engine, studio.briefs, studio.routing, studio.parkings)
    local.serve(studio.providers, studio.provider_tests, studio.sandboxes, consoles)
    work = await stack.enter_async_context(AsyncExitStack())

    async def stand_up() -> None:
        work.push_async_callback(close_sandboxes, sandboxes, watch)
        work.push_async_callback(warming.close)
        work.push_async_callback(previews.close_all)
        try:
            if access is Access.ENGINE:
                await start_engine(paths, clock, turns, alarms, local, sandboxes, watch, ledger, work)
                rouse(database, recorder, journal, roles, turns, hub, clock, work)
                await studio.review.sweep()
                look_after(sandboxing, settings, clock, database, live_runs, paths, work)
        except BaseException:
            # Whoever takes the seat next must not meet half an engine of this one.
            await work.aclose()
            raise

    if not attached:
        await stand_up()
        seat.sit()
        return studio
    tasks = Tasks()
    stack.push_async_callback(tasks.close)
    tasks.spawn(vault.follow(hub), "secrets that others set")
    tasks.spawn(providers.follow(hub), "providers that others set")
    tasks.spawn(Tail(database, hub, clock).run(), "tail of the log")
    if access is not Access.READ:
        tasks.spawn(seat.inherit(stand_up), "heir of the seat")
    return studio


async def _nothing_to_close() -> None:
    return
