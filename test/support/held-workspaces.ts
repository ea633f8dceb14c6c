import type { WorkspacePort } from '../../src/sdk/workspace/port.ts';

/** Workspaces of which one step waits, the first time, for the test. */
export interface HeldWorkspaces {
  readonly workspaces: WorkspacePort;
  /** The step has been asked for, and is held. */
  readonly reached: Promise<void>;
  /** It is taken now, and is not held any more. */
  release(): void;
}

export function heldWorkspaces(port: WorkspacePort, step: keyof WorkspacePort): HeldWorkspaces {
  let reach = () => {};
  let release = () => {};
  const reached = new Promise<void>(resolve => {
    reach = resolve;
  });
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  let isFirst = true;
  const workspaces = new Proxy(port, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== 'function') return own;
      if (name !== step) return own.bind(target);
      return async (...args: unknown[]) => {
        if (isFirst) {
          isFirst = false;
          reach();
          await released;
        }
        return own.apply(target, args);
      };
    },
  });
  return { workspaces, reached, release: () => release() };
}
