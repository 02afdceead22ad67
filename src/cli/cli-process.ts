// What a command may know of the process that it runs in; tests make one without a process.

/** Where text goes: a stream of the process, or a test's memory. */
export interface TextSink {
  write(text: string): unknown;
}

export interface CliProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data, and nothing else. */
  readonly stdout: TextSink;
  /** Messages and progress. */
  readonly stderr: TextSink;
  /** Whether a person watches stderr. */
  readonly isTerminal: boolean;
  /** Aborted by the first SIGTERM or SIGINT: finish what is in hand and return. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** The most memory that the process has held so far. */
  peakMemoryBytes(): number;
  setExitCode(code: number): void;
}
