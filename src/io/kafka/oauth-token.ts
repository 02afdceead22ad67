// Tokens for OAUTHBEARER from an OAuth 2.0 server: the client credentials grant of RFC 6749, section 4.4.
import { Fault } from '../../fault.ts';

export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** How long the server may take to answer. */
  readonly timeoutMs: number;
}

/** A token that ends within this time is not given any more: brokers close connections whose token has ended. */
const sparedMs = 60_000;

/**
 * A function that gives a token, the same one while it holds (by `expires_in`; a token without is used once). It rejects with
 * KAFKA_REFUSED where the server refuses this client, and with TOKEN_UNAVAILABLE where it does not answer as it should.
 * `elapsed` is monotonic time in milliseconds.
 */
export function tokenSource(endpoint: TokenEndpoint, elapsed: () => number): () => Promise<string> {
  let held: { readonly token: Promise<Token>; readonly askedAt: number } | undefined;
  const ask = (): Promise<Token> => {
    const token = requestToken(endpoint);
    held = { token, askedAt: elapsed() };
    token.catch(() => {
      held = undefined;
    });
    return token;
  };
  return async () => {
    if (held === undefined) return (await ask()).value;
    const { askedAt } = held;
    const { value, lifeMs } = await held.token;
    return elapsed() - askedAt < lifeMs - sparedMs ? value : (await ask()).value;
  };
}

interface Token {
  readonly value: string;
  readonly lifeMs: number;
}

async function requestToken({
  url,
  clientId,
  clientSecret,
  scope,
  timeoutMs,
}: TokenEndpoint): Promise<Token> {
  const identity = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(identity).toString('base64')}`,
      accept: 'application/json',
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    }),
    // Whoever answers with another address would get the secret.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw unavailable(url, reasonOf(cause), cause);
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.status >= 400 && response.status < 500) {
    const reason = [answer.error, answer.error_description]
      .filter((part) => typeof part === 'string')
      .join(': ');
    const message = `The token endpoint ${url} refuses client ${clientId}: ${reason || `status ${response.status}`}`;
    throw new Fault('KAFKA_REFUSED', message);
  }
  const { access_token: value, expires_in: seconds } = answer;
  if (!response.ok || typeof value !== 'string')
    throw unavailable(url, `status ${response.status}, no token`);
  return { value, lifeMs: typeof seconds === 'number' ? seconds * 1000 : 0 };
}

function unavailable(url: string, reason: string, cause?: unknown): Fault {
  return new Fault('TOKEN_UNAVAILABLE', `The token endpoint ${url} gives no token: ${reason}`, { cause });
}

/** What `fetch` says is the same for everything; why is in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
