import { dynamoSglang } from './builders/sglang-workers.ts';

export const recipe = dynamoSglang({ quantization: 'fp8' });
