// An agent of your own: for the library as in host.mjs, and for the command line as a plugin.
import { defineAgent } from 'session-groups';
import { z } from 'zod';

const counter = defineAgent({
  kind: 'counter',
  capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
  optionsSchema: z.strictObject({ longerThan: z.number().int().min(0).default(0) }),
  async check() {
    return { ok: true, version: '1.0.0', warnings: [] };
  },
  // Returns at once; what it emits comes later, and `ended` is the last of it.
  start({ agent: { options }, conversation, prompt }, emit) {
    let timer = setTimeout(() => {
      emit({ type: 'started', conversationId: conversation.id });
      const words = prompt.split(/\s+/).filter(word => word.length > options.longerThan);
      end({ outcome: 'done', result: `${words.length} words`, denials: [] });
    }, 0);
    const end = how => {
      if (timer === undefined) return; // it ends once
      clearTimeout(timer);
      timer = undefined;
      setImmediate(() => emit({ type: 'ended', end: how }));
    };
    const cut = () => end({ outcome: 'interrupted' });
    return { interrupt: cut, terminate: cut, kill: cut, answerPermission() {} };
  },
});

export default { counter };
