import { qwenAgents } from './builders/qwen3.5-agentic.ts';

export const recipe = qwenAgents({ '--quantization': 'fp8' });
