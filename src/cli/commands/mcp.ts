import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { Command } from 'commander';
import { knowledgeOf } from '../../app/knowledge.ts';
import { openExistingStore, withStore } from '../../app/store.ts';
import { MessageLines, serveMcp } from '../../server/index.ts';
import { storeLocation } from '../store-location.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';

/** `inferencemax mcp`: answers the API's queries over the Model Context Protocol on standard input and output. */
export function command(): Command {
  const mcp = new Command('mcp').description(
    'Answers questions about the store over the Model Context Protocol on standard input and output.',
  );
  for (const option of storeOptions()) mcp.addOption(option);
  return mcp
    .addHelpText(
      'after',
      `
Example, in the configuration of an agent:
  { "mcpServers": { "inferencemax": { "command": "inferencemax", "args": ["mcp", "--state-dir", "/path/to/.inferencemax"] } } }

It only reads the store, and exits when standard input closes.`,
    )
    .action(async (options: StoreOptionValues) => {
      await withStore(await openExistingStore(storeLocation(options)), async (store) => {
        const lines = process.stdin.pipe(new MessageLines(answerTooLong));
        const transport = new StdioServerTransport(lines, process.stdout);
        // The protocol has no shutdown message on this transport: the client closes the pipe.
        lines.once('end', () => void transport.close());
        await serveMcp(await knowledgeOf(store), transport);
      });
    });
}

/** The message was not parsed, so the answer has no id. */
function answerTooLong(maxBytes: number): void {
  const error = { code: -32_600, message: `a message may have at most ${maxBytes} bytes` };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: null, error })}\n`);
}
