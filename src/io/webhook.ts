// The Receiver over HTTP: one POST an attempt, signed, to an address that was looked at first.
import { lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { webhookHeaders } from '../codec/webhook.ts';
import type { Receiver, ReceiverAnswer } from '../delivery.ts';

export interface WebhookOptions {
  /** `https:`, or `http:` where private addresses are allowed. */
  readonly url: URL;
  readonly secrets: readonly Uint8Array[];
  /** Of a whole attempt. */
  readonly timeoutMs: number;
  /** True lets it send to loopback, private and link-local addresses. */
  readonly allowPrivate: boolean;
  readonly userAgent: string;
  readonly now: () => number;
}

/** Addresses that are nobody's on the Internet: IANA's special-purpose registries (RFC 6890, RFC 8190). */
const privateAddresses = new BlockList();
for (const [net, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
  ] as const),
  ...([
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
]) {
  privateAddresses.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ...([
    ['::', 128],
    ['::1', 128],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
  ] as const),
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const),
]) {
  privateAddresses.addSubnet(net, prefix, 'ipv6');
}

/** Whether an IP address is none of the public Internet; IPv4 inside IPv6 is looked at as IPv4. */
export function isPrivateAddress(address: string): boolean {
  // BlockList reads ::ffff:a.b.c.d by the rules of IPv4.
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * A receiver at the URL. A name is looked up for each attempt, and the connection goes to the very addresses that were looked at: a
 * name that leads elsewhere the second time does not get past. Redirects are not followed: they would.
 */
export function webhookReceiver(options: WebhookOptions): Receiver {
  const { url } = options;
  return {
    origin: url.origin,
    post: (id, body) =>
      new Promise((resolve) => {
        const fail = (error: Error) => resolve({ kind: 'failed', reason: error.message });
        const host = url.hostname.replace(/^\[|\]$/g, '');
        if (!options.allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
          resolve({ kind: 'refused', reason: privateReason(host) });
          return;
        }
        const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
          method: 'POST',
          headers: {
            ...webhookHeaders(id, options.now(), body, options.secrets),
            'content-length': Buffer.byteLength(body),
            'user-agent': options.userAgent,
          },
          signal: AbortSignal.timeout(options.timeoutMs),
          lookup: options.allowPrivate ? lookup : publicLookup,
          // An attempt may be hours after the one before.
          agent: false,
        });
        request.on('error', fail);
        request.on('response', (response) => {
          // The answer's body is of no interest; a receiver that never ends it is cut off by the timeout.
          response.on('error', fail);
          response.resume();
          resolve(answerOf(response));
        });
        request.end(body);
      }),
  };
}

function privateReason(address: string): string {
  return `${address} is no public address (forward.allow_private)`;
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const found = addresses?.find(({ address }) => isPrivateAddress(address));
    if (error !== null) callback(error, '', 0);
    else if (found !== undefined) callback(new Error(privateReason(found.address)), '', 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/** Too many requests and a timeout pass, as do errors of the server; what else is refused stays so. */
function answerOf({ statusCode = 0, headers }: IncomingMessage): ReceiverAnswer {
  const reason = `HTTP ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { kind: 'accepted', reason };
  if (statusCode === 410) return { kind: 'gone', reason };
  if (statusCode < 500 && ![408, 425, 429].includes(statusCode)) {
    return { kind: 'refused', reason: statusCode < 400 ? `${reason}: redirects are not followed` : reason };
  }
  const seconds = Number(headers['retry-after']);
  return { kind: 'failed', reason, ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
}
