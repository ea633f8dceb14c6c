/** What a client may cost the process, in which groups may be running. */
export interface ServerLimits {
  /** Of a request's body. Default: 1,048,576 bytes. */
  readonly maxBodyBytes: number;
  /** How long the headers of a request may take. Default: 10,000 ms. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive; not how long its answer may. Default: 30,000 ms. */
  readonly requestTimeoutMs: number;
  /** Connections at once; further ones are closed. Default: 256. */
  readonly maxConnections: number;
  /** Event streams at once; further ones are refused with 503. Default: 64. */
  readonly maxStreams: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxBodyBytes: 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  maxConnections: 256,
  maxStreams: 64,
};
