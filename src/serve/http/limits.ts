/** Limits that protect the process, which may be running groups, from its clients. */
export interface ServerLimits {
  /** Maximum size of a request body. Default: 1,048,576 bytes. */
  readonly maxBodyBytes: number;
  /** Time for the headers of a request to arrive. Default: 10,000 ms. */
  readonly headersTimeoutMs: number;
  /** Time for a whole request to arrive; the response may take longer. Default: 30,000 ms. */
  readonly requestTimeoutMs: number;
  /** Concurrent connections; further ones are closed. Default: 256. */
  readonly maxConnections: number;
  /** Concurrent event streams; further ones are refused with 503. Default: 64. */
  readonly maxStreams: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxBodyBytes: 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  maxConnections: 256,
  maxStreams: 64,
};
