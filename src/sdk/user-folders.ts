import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where groups are stored: `SESSION_GROUPS_DATA_DIR`, or else the user's data folder (XDG). Absolute; may not exist yet. */
export function dataDir(env: Environment = process.env): string {
  return chosen(env.SESSION_GROUPS_DATA_DIR) ?? paths().data;
}

/** Where the user's templates and settings live: `SESSION_GROUPS_CONFIG_DIR`, or else the user's config folder (XDG). */
export function configDir(env: Environment = process.env): string {
  return chosen(env.SESSION_GROUPS_CONFIG_DIR) ?? paths().config;
}

/** The user's own settings for the command line; most users have none. */
export const userConfigFile = (env: Environment = process.env): string => join(configDir(env), 'config.yaml');

/** Where sessions get trees of their own: `SESSION_GROUPS_WORK_DIR`, or else a folder beside the groups. */
export function workDir(env: Environment = process.env): string {
  return chosen(env.SESSION_GROUPS_WORK_DIR) ?? join(dataDir(env), 'work');
}

const paths = () => envPaths('session-groups', { suffix: '' });

/** An empty variable counts as unset, as XDG specifies. */
const chosen = (path: string | undefined): string | undefined => (path ? resolve(path) : undefined);
