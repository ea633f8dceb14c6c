import type { SessionGroupHandle } from '../sdk/group/handle.ts';
import type { CliServices, DrivenGroup } from './services.ts';

/** The real library. It is loaded when a command needs it: `--help` and a misspelt option answer at once. */
export const libraryServices: CliServices = {
  async loadDefinition(file) {
    const { loadDefinition } = await import('../sdk/group/definition.ts');
    return loadDefinition(file);
  },
  async openStore(env) {
    const { createFileStore } = await import('../store/file-store.ts');
    const { dataDir } = await import('../sdk/user-folders.ts');
    return createFileStore({ dataDir: dataDir(env) });
  },
  async createGroup(definition, options) {
    const { createSessionGroup } = await import('../sdk/group/create.ts');
    return driven(await createSessionGroup(definition, options));
  },
  async openGroup(id, options) {
    const { openSessionGroup } = await import('../sdk/group/create.ts');
    return driven(await openSessionGroup(id, options));
  },
  async connect(address) {
    const { connectControl } = await import('../control/client.ts');
    return connectControl(address);
  },
  async viewGroup(stored) {
    const { viewGroup } = await import('../sdk/group/view.ts');
    return viewGroup(stored);
  },
  async archiveGroup(id, store) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    await new GroupManager({ store }).archive(id);
  },
  async deleteGroup(id, store) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    await new GroupManager({ store }).delete(id);
  },
  async confirm(question) {
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  },
  async createInspector(port) {
    const { createInspector } = await import('../inspect/inspector.ts');
    return createInspector({ port });
  },
  async checkClaude(env) {
    const { createClaudeAgent } = await import('../sdk/session/claude-code/claude-agent.ts');
    const agent = createClaudeAgent({ env });
    return agent.check();
  },
};

async function driven(handle: SessionGroupHandle): Promise<DrivenGroup> {
  const { serveGroup } = await import('../control/serve-group.ts');
  return serveGroup(handle);
}
