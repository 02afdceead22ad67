// SASL/OAUTHBEARER (RFC 7628), in place of kafkajs' own, which takes a refused token for an accepted one.
import type { AuthenticationProviderArgs, Mechanism } from 'kafkajs';
import { Fault } from '../../fault.ts';

const separator = '\u0001';
const lengthBytes = 4;

/**
 * The mechanism with a token for every connection. A broker does not answer a good token; a bad one it answers with the
 * reason, and then closes the connection without a word. kafkajs does not read that answer, so that what follows looks like
 * a broker that is away. Rejects with KAFKA_REFUSED and the reason.
 */
export function oauthBearer(token: () => Promise<string>): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }: AuthenticationProviderArgs) => ({
      async authenticate() {
        const bearer = await token();
        const answer = await saslAuthenticate({
          request: {
            encode: async () => framed(`n,,${separator}auth=Bearer ${bearer}${separator}${separator}`),
          },
          response: {
            decode: (bytes) => bytes.subarray(lengthBytes),
            parse: (bytes) => bytes.toString('utf8'),
          },
        });
        if (answer) throw refused(answer);
      },
    }),
  };
}

/** With its length before it, as kafkajs wants what goes into a request. */
function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(lengthBytes);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** kafkajs tries again unless it is told that this is of no use. */
function refused(answer: string): Fault {
  const message = `Kafka: SASL OAUTHBEARER authentication failed: the token was answered with ${answer}`;
  return Object.assign(new Fault('KAFKA_REFUSED', message), { retriable: false });
}
