// The log of commands that report by their result: what a client says on the way is in the Fault that ends it.
import type { Log } from '../ports.ts';

const nothing = (): void => undefined;

export const quiet: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
