import type { CliServices } from './services.ts';

/** The real library. It is loaded when a command needs it: `--help` and a misspelt option answer at once. */
export const libraryServices: CliServices = {
  async loadDefinition(file) {
    const { loadDefinition } = await import('../sdk/group/definition.ts');
    return loadDefinition(file);
  },
  async createGroup(definition, options) {
    const { createSessionGroup } = await import('../sdk/group/create.ts');
    return createSessionGroup(definition, options);
  },
  async checkClaude(env) {
    const { createClaudeAgent } = await import('../sdk/session/claude-code/claude-agent.ts');
    const agent = createClaudeAgent({ env });
    return agent.check();
  },
};
