import { dynamoTrt } from './builders/dynamo-trt.ts';

export const recipe = dynamoTrt({ kvCacheType: 'fp8', moeBackend: () => 'TRTLLM' });
