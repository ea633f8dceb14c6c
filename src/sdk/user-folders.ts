import { resolve } from 'node:path';
import envPaths from 'env-paths';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where groups are kept: `SESSION_GROUPS_DATA_DIR`, else the user's folder for data (XDG). Absolute; made by no one yet. */
export function dataDir(env: Environment = process.env): string {
  return chosen(env.SESSION_GROUPS_DATA_DIR) ?? paths().data;
}

/** Where the user keeps templates and settings: `SESSION_GROUPS_CONFIG_DIR`, else the user's folder for configuration. */
export function configDir(env: Environment = process.env): string {
  return chosen(env.SESSION_GROUPS_CONFIG_DIR) ?? paths().config;
}

const paths = () => envPaths('session-groups', { suffix: '' });

/** An empty variable counts as none, as XDG has it. */
const chosen = (path: string | undefined): string | undefined => (path ? resolve(path) : undefined);
