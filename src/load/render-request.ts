import type { Prompt } from './datasets/index.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { StreamSettings } from './stream.ts';

/** A prompt as the bytes of a whole HTTP request. */
export function renderRequest(settings: StreamSettings, prompt: Prompt): ReadyRequest {
  const { backend, path, target, headers } = settings;
  const { body, inputTokens, estimatedInputTokens, outputTokens } = prompt;
  const { before, after } = backend.envelope(body.kind, { ...settings, outputTokens });
  const length = Buffer.byteLength(before) + body.json.length + Buffer.byteLength(after);
  let head = `POST ${target.pathPrefix}${path} HTTP/1.1\r\nHost: ${target.host}\r\n`;
  head += 'Content-Type: application/json\r\nAccept: text/event-stream\r\nAccept-Encoding: identity\r\n';
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  head += `Content-Length: ${length}\r\n\r\n`;
  return {
    bytes: Buffer.concat([Buffer.from(head + before), body.json, Buffer.from(after)]),
    inputTokens,
    ...(estimatedInputTokens === undefined ? {} : { estimatedInputTokens }),
    outputTokens,
  };
}
