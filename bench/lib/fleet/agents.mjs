import { benchAgent, UNSTOPPABLE } from '../product.mjs';

/** A moment that other processes of this machine can compare with theirs, in milliseconds. */
export const moment = () => Number(process.hrtime.bigint()) / 1e6;

/** Messages of a flood that come at once: a client's output arrives in pieces of about that many. */
const BURST = 100;

/** Ends at once; its result is the moment at which it was started. */
const noOp = benchAgent('no-op', ({ conversation }, emit) => {
  const result = String(moment());
  void Promise.resolve().then(() => {
    emit({ type: 'started', conversationId: conversation.id });
    emit({ type: 'ended', end: { outcome: 'done', result, denials: [] } });
  });
  return UNSTOPPABLE;
});

/** Says as many messages as its prompt says, as fast as it can. */
const flood = benchAgent('flood', ({ conversation, prompt }, emit) => {
  const messages = Number(prompt);
  let said = 0;
  const say = () => {
    for (const end = Math.min(messages, said + BURST); said < end; said += 1)
      emit({ type: 'message', role: 'assistant', text: `line ${said} of what an agent has to say` });
    if (said < messages) setImmediate(say);
    else emit({ type: 'ended', end: { outcome: 'done', result: 'done', denials: [] } });
  };
  setImmediate(() => {
    emit({ type: 'started', conversationId: conversation.id });
    say();
  });
  return UNSTOPPABLE;
});

export const FLEET_AGENTS = { 'no-op': noOp, flood };
