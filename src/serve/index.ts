export type * from './api-types.ts';
export type { ServerLimits } from './http/limits.ts';
export { createGroupServer, type GroupServer, type GroupServerOptions } from './server.ts';
