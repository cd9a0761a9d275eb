export { readConversations } from './conversations.ts';
export { azure, burstGpt, csvTraceOf, readCsvTrace } from './csv-traces.ts';
export { readMooncake } from './mooncake.ts';
export { readMessages, readOpenAiBatch, readPrompts } from './prompts.ts';
export { readShareGpt } from './sharegpt.ts';
export { openTextFile } from './text-file.ts';
