import { BUDGET_ACTOR } from '../../../../machines/group.ground.ts';
import type { AttemptHost } from '../attempt/attempt-host.ts';
import type { ExecutorOf } from '../attempt/executor/executor.ts';
import { LocalExecutor } from '../attempt/executor/local-executor.ts';
import type { GroupEventBody } from '../journal/events.ts';
import { NO_MESSAGES } from '../journal/session-lists.ts';
import { renderPrompt } from '../prompts/render-prompt.ts';
import type { GroupEngine } from './group-engine.ts';
import { renderContext, resultFiles } from './render-context.ts';
import { treeHost } from './trees/trees.ts';

/** The group, as seen by its sessions' attempts. */
export function attemptHost(engine: GroupEngine, executorOf: ExecutorOf | undefined): AttemptHost {
  const { groupId, clock, env, attended } = engine;
  const withConfig = (body: GroupEventBody): GroupEventBody => {
    if (body.type === 'session_started') engine.configs.begins(body.sessionId);
    return body;
  };
  const due: (() => void)[] = [];
  const endTurn = () => {
    for (const act of due.splice(0)) act();
  };
  const here = () =>
    new LocalExecutor({
      clock,
      placeOf: id => {
        const { agent, session, tree } = engine.runOf(id);
        return { agent, session, tree, host };
      },
    });
  const executor = executorOf?.({ id: groupId, written: () => engine.recorder.written() }) ?? here();
  const host: AttemptHost = {
    executor,
    trees: treeHost(engine, executor),
    ...{ groupId, clock, env, attended },
    get ledger() {
      return engine.state.ledger;
    },
    get prices() {
      return engine.state.prices;
    },
    get storeFails() {
      return engine.recorder.failure !== undefined;
    },
    placeOf: id => engine.progress.fold.sessions.get(id)?.place,
    messagesOf: id => engine.progress.fold.sessions.get(id)?.messages ?? NO_MESSAGES,
    sessionOfRequest: requestId => engine.sessionOfRequest(requestId),
    record: body => engine.recorder.record(withConfig(body)),
    internal: record => engine.recorder.internal(record),
    announce: body => engine.recorder.announce(withConfig(body)),
    atTurnEnd: act => {
      if (due.push(act) === 1) queueMicrotask(endTurn);
    },
    tell: (id, event) => engine.sendTo(id, event),
    // Checked in the turn in which the usage arrives; the chart learns only of crossed thresholds.
    spent: before => {
      const crossing = engine.state.ledger.takeCrossing();
      if (!crossing) return;
      before();
      engine.sendTo(BUDGET_ACTOR, { type: `budget.${crossing}` });
    },
    answered: id => {
      const account = engine.state.accountOf(id);
      if (account !== undefined) engine.quota.answered(account);
    },
    resultFiles: () => resultFiles(engine),
    render: id => renderPrompt(engine.runOf(id).session, renderContext(engine)),
    configure: id => engine.configs.configure(engine.runOf(id).session),
    get can() {
      return engine.configs.can;
    },
    configFolder: id => engine.configs.folder(id),
    logDir: id => engine.logDir(id),
  };
  return host;
}
