// What forwarding needs of the world: types only.

/** What was delivered, by id, so that an alerts topic that is read again delivers nothing twice. */
export interface Deliveries {
  isDelivered(id: string): Promise<boolean>;
  /** For so long at least, wall-clock milliseconds. */
  remember(id: string, ttlMs: number): Promise<void>;
}

export interface ReceiverAnswer {
  /**
   * `refused`: trying again does not help. `failed`: it may. `gone`: the receiver wants nothing more, ever.
   */
  readonly kind: 'accepted' | 'refused' | 'failed' | 'gone';
  /** The status, or what went wrong, for people. */
  readonly reason: string;
  /** What the receiver asked to wait. */
  readonly retryAfterMs?: number;
}

/** Who takes webhooks. */
export interface Receiver {
  /** Scheme, host and port. */
  readonly origin: string;
  /** One attempt, of a bounded time; never rejects. */
  post(id: string, body: string): Promise<ReceiverAnswer>;
}
