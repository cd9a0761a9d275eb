export { readConversations } from './conversations.ts';
export { azure, burstGpt, csvTraceOf, readCsvTrace } from './csv-traces.ts';
export { kindOfFile } from './kind-of-file.ts';
export { readMooncake } from './mooncake.ts';
export { readOtelSpans } from './otel-spans.ts';
export { readMessages, readOpenAiBatch, readPrompts } from './prompts.ts';
export { readShareGpt } from './sharegpt.ts';
export { openTextFile } from './text-file.ts';
