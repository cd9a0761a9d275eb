import type { FailureClass } from '../table.ts';
import { hiddenUnlessBroken } from './hidden.ts';
import type { EndFacts, KnownFailure } from './row.ts';

/** Usual numbers of accelerators in a node; with another number, some have failed. */
const usualCounts = new Set([1, 2, 4, 8, 16, 32, 72]);

/** Fewer accelerators than requested: the recipe requests too many or hides some, or the node has lost some. */
function tooFew(line: RegExpExecArray, facts: EndFacts): FailureClass {
  const { acceleratorsPerNode } = facts;
  const seen = Number(line.groups?.seen ?? Number.NaN);
  if (Number.isNaN(seen)) return 'recipe-refused';
  const wanted = Number(line.groups?.wanted ?? Number.NaN);
  const isUsual = usualCounts.has(seen);
  if (acceleratorsPerNode !== undefined && acceleratorsPerNode > 1) {
    if (seen >= acceleratorsPerNode) return 'recipe-refused';
    return isUsual ? hiddenUnlessBroken(line, facts) : 'node-broken';
  }
  return isUsual || seen >= wanted ? 'recipe-refused' : 'node-broken';
}

/** Models, flags and engines that do not match. */
export const recipe: readonly KnownFailure[] = [
  {
    pattern: /invalid argument "[^"]*" for "[^"]*" flag|privileged mode is incompatible with/,
    meaning: "docker does not accept the pool's options",
    todo: 'correct them in the pool’s file as described in the line',
    failureClass: 'recipe-refused',
  },
  {
    pattern: /\binvalid choice: |Invalid value for ['"]?-|error: argument \S+: (?:invalid|expected)/,
    meaning: 'a flag of the recipe has a value that this version of the engine does not accept',
    todo: 'correct the value, or use the version of the engine that the recipe was written for',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /unrecognized arguments?:|No such option|error: argument |the following arguments are required|Extra inputs are not permitted|got an unexpected keyword argument|unrecognized option|unknown (?:option|flag|argument|parameter)\b|unexpected (?:option|argument|parameter)|(?:^|\s)error: invalid argument: -|(?:expected|requires) (?:at least )?one argument|has no attribute '\w+_args'/i,
    meaning: 'this version of the engine does not know a flag of the recipe',
    todo: 'correct the flag, or use the version of the engine that the recipe was written for',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /local_world_size \((?<wanted>\d+)\) must be less than or equal to the number of visible devices \((?<seen>\d+)\)|(?:World size|tensor parallel size|TP size|tp_size|pipeline parallel size) ?\(?(?<wanted>\d+)\)? (?:is )?(?:larger|greater) than (?:the )?(?:number of )?(?:available|visible) (?:GPUs|devices) ?\(?(?<seen>\d+)\)?/i,
    meaning: 'the engine is configured for more GPUs than it sees on the node',
    todo: 'compare the recipe’s parallel sizes with accelerators-per-node of the pool, and the GPUs of the node with nvidia-smi or amd-smi',
    failureClass: tooFew,
  },
  {
    pattern:
      /invalid device ordinal|exceeds the (?:total )?number of available GPUs|not enough (?:GPUs|devices|slots) (?:are )?available|There are not enough slots available|device >= 0 && device < num_gpus|(?:requires?|needs?|requested) (?<wanted>\d+) (?:GPUs|devices)[^.]{0,40}(?:but )?(?:only )?(?<seen>\d+) (?:GPUs? |devices? )?(?:is|are|were)? ?(?:available|visible|found)|Duplicate GPU detected/i,
    meaning: 'the recipe asks for more GPUs than the engine sees on the node',
    todo: 'compare the recipe’s parallel sizes with accelerators-per-node of the pool',
    failureClass: tooFew,
  },
  {
    pattern:
      /max_model_len .*is (?:greater|larger|longer) than|(?:User-specified|specified) (?:context_length|max_seq_len|max_model_len)[^.]*(?:greater|larger|exceeds)|greater than the derived (?:max_model_len|context_length)|max_seq_len .*(?:exceeds|larger than|greater than) .*(?:max_position|model|engine)|(?:context (?:size|length)|n_ctx) .*(?:exceeds|greater than|larger than) .*(?:train|model)/i,
    meaning: 'the recipe asks for a longer context than the model has',
    todo: "lower the recipe's maximum length (max-model-len, context-length, max_seq_len)",
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /maximum context length is \d+|longer than the (?:model's )?maximum (?:model|context|input) length|(?:input|prompt|request|token count)\b.{0,60}\b(?:exceeds|is longer than|longer than) (?:the )?(?:model's )?max(?:imum)?\b|exceeds? the maximum (?:allowed|context|input|sequence) length|decoder prompt .* is (?:too long|longer)|should be no greater than max_seq_len|default_max_tokens \(-?\d+\) must be greater than 0/i,
    meaning: "requests are longer than the recipe's context length",
    todo: "raise the recipe's maximum length to the input plus output length of its shape",
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /max_num_batched_tokens \(\d+\)[^.]* (?:smaller|less|greater) than|\d\)? is (?:greater|larger|smaller|less) than (?:the )?(?:max|min)_\w+|max_num_batched_tokens .*must be|max_num_seqs .*(?:must be|is larger)|max_num_tokens .*(?:must be|should (?:be|not))|(?:chunked[_-]prefill[_-]size|cuda[_-]graph[_-](?:max[_-])?bs|max[_-]batch[_-]size|batch size) .*(?:must|should) be/i,
    meaning: 'numbers in the recipe contradict each other, such as the limits of batch, tokens and length',
    todo: 'correct the recipe’s flags as described in the line',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /(?:must|should|needs? to) be (?:evenly )?(?:divisible|a multiple)|is not (?:evenly )?divisible by|not divisible by|cannot be (?:evenly )?(?:divided|sharded|split) (?:by|across|among)/i,
    meaning:
      'the model cannot be split over this number of GPUs, or in blocks of this size: the numbers are not divisible',
    todo: 'change the recipe’s parallel sizes (TP, EP, DP), or turn its expert parallelism on or off',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /should have the same vocabulary size|(?:speculative|draft|eagle|mtp|ngram|medusa)\w*\b.{0,80}(?:not (?:yet )?support|unsupported|not compatible|incompatible|mismatch|must (?:be|match|have|provide)|(?:is|are) required|only support|not (?:been )?found)|num_speculative_tokens.*(?:must|should|require|provide|larger|divisible)/i,
    meaning: 'the draft model or the speculative decoding method does not fit the model and the engine',
    todo: 'correct or remove the speculative settings of the recipe',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /trust[_-]remote[_-]code ?=? ?True|contains? custom code which must be executed|requires you to execute (?:the )?(?:configuration|modeling|tokenizer) file|--trust-remote-code/i,
    meaning: 'the model brings its own code and the recipe does not allow it (trust_remote_code)',
    todo: 'read that code; if you trust it, add --trust-remote-code to the recipe',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /Model architectures? .*(?:not|n't) supported|does not recognize this architecture|[Uu]nsupported (?:model )?architecture|[Uu]nknown (?:model )?architecture|[Uu]nrecognized (?:model|configuration class)|Should have a `?model_type`? key|has no (?:vLLM|SGLang|TensorRT-LLM) implementation|(?:no|not find) (?:compatible |matching )?model (?:class|implementation|module)|Cannot find model module|Unsupported model(?:_type| type)?\b|model type .{1,60} (?:is )?not supported|Unknown model (?:type|class)|Model \S+ (?:is )?not supported/,
    meaning: 'this version of the engine does not know the architecture of the model',
    todo: 'use an image with a newer version of the engine, or another engine',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /provide a chat template|(?:no|missing|without a?) chat[_ ]template|chat[_ ]template (?:is )?(?:not (?:set|found|defined)|missing)|does not (?:have|define) a chat[_ ]template/i,
    meaning: 'the tokenizer has no chat template, and the requests need one',
    todo: 'pass one to the engine (--chat-template), or measure without: use-chat-template: false',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /quantization (?:method|scheme|config|type)?.{0,100}(?:not (?:yet )?supported|unsupported|does not match|unknown|not found|Minimum capability|requires)|[Uu]nknown quantization|[Uu]nsupported quantization|Invalid quantization|kv[_ ]cache[_ ]dtype.{0,80}(?:not supported|unsupported|invalid)|fp8e4(?:nv|b8).{0,40}not supported|type fp8\w+ not supported|(?:MXFP4|NVFP4|FP4|FP8|INT4|AWQ|GPTQ|bfloat16)\b.{0,80}(?:(?:is|are) (?:not|only) supported|not supported|requires? (?:compute|sm|GPU|a GPU|SM))|output_size .*not divisible by weight quantization/i,
    meaning:
      'the quantization or number format of the recipe is not supported here: by the engine, or by this kind of GPU',
    todo: 'use a precision that this GPU and this version of the engine support, or leave the flag to the model',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /(?:attention|attn|MoE|moe|a2a|all2all|sampling|kernel) ?-?_?(?:backend|runner)s?\b.{0,120}(?:not (?:valid|supported|available|compatible)|unsupported|invalid|requires)|No valid attention backend|Selected backend .* is not valid|FlashAttention.{0,40}only supports|Flash(?:Attention|Infer|MLA|MLASparse)\b.{0,80}(?:(?:is|are) not supported|not (?:yet )?support|requires? )|requires? (?:a )?(?:GPU with )?(?:compute capability|sm_?\d+|SM\d+)|only (?:supported|works) on (?:Hopper|Blackwell|Ampere|Ada|SM|sm|H100|B200|MI\d+)|[Uu]nsupported (?:GPU )?compute capability|GPU architecture .{0,40}not supported/,
    meaning: 'a kernel or backend that the recipe chooses does not work with this model or this kind of GPU',
    todo: 'choose another backend in the recipe, or leave the choice to the engine',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /\b(?:unsupported|unknown|invalid|unrecognized) (?:\w+ ){0,4}(?:connector|parser|scheduler|executor|loader|load format|tokenizer mode|algorithm|policy|method|mode)(?: type| name)?\b[^.]{0,12}[:'"]|\b(?:connector|parser|plugin|backend|policy|algorithm)s? ['"][^'"]+['"] (?:is )?not (?:found|registered)|\b(?:cho(?:o)?se from|must be one of|expected one of|available (?:parsers|connectors|backends|choices|options|methods)\b)/i,
    meaning: 'the recipe names something that this version of the engine does not have',
    todo: 'use one of the names in the line, or the version of the engine that the recipe was written for',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /Version tag does not match|Serialized Engine Version|engine plan file is|generated on an incompatible device|Failed to deserialize cuda engine|engine was built (?:with|for|by)|(?:checkpoint|engine) version .* (?:does not|doesn't) match/i,
    meaning: 'the engine file was built by another version of TensorRT, or for another GPU',
    todo: 'build it again with this image on this GPU, or use the image that built it',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /^(?!.*response from daemon).*(?:(?:yaml\.\w+\.\w+Error|mapping values are not allowed)|\b\w+_\w+ must be \S+ (?:when|if|for)\b|(?:is not|not a) valid JSON|JSONDecodeError|cannot be (?:used|combined|enabled|set) (?:with|together|at the same time|when)|(?:is|are) (?:mutually exclusive|not compatible with|incompatible with)|(?:not|isn't) (?:yet )?supported (?:with|when|together|in combination)|does not (?:yet )?support (?:\w+ ){0,4}(?:parallel|graph|pipeline|expert|tensor|data|LoRA|multi|prefix|chunked)|(?:is|are) (?:not|only) (?:valid|supported) (?:with|when|for|if|by) |Value error, (?!.*max_model_len))/i,
    meaning: 'flags of the recipe are incompatible',
    todo: 'correct the recipe’s flags as described in the line',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /size mismatch for|Error\(s\) in loading state_dict|shapes? (?:mismatch|do(?:es)? not match)|loaded_weight\.shape|weights (?:were )?not initialized from checkpoint|There is no module or parameter named|missing (?:tensor|weight)|tensor '?[\w.]+'? (?:not found|has wrong shape)|The size of tensor a \(\d+\) must match|KeyError: '(?:model|layers|transformer|lm_head|language_model)\.|wrong number of tensors/i,
    meaning: "the weights do not match this engine version's implementation of the model",
    todo: 'check that model, precision and engine version match',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /device-side assert|index out of bounds|vectorized_gather_kernel|srcIndex < srcSelectDimSize|probability tensor contains/i,
    meaning:
      'a kernel got an index out of bounds or an invalid number, most often because a request is longer than the model allows',
    todo: 'compare the shape’s lengths with the recipe’s longest length, and the draft model with the model',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /The model `?[^`]{1,120}`? does not exist|model .{1,120} not found.*(?:served|available models)/i,
    meaning: 'the engine serves the model under another name than the requests use',
    todo: 'set --served-model-name in the recipe to the model name of the config',
    failureClass: 'recipe-refused',
  },
  {
    pattern:
      /does not appear to have (?:a file|files) named|is not a (?:local folder|valid model identifier)|RepositoryNotFoundError|RevisionNotFoundError|EntryNotFoundError|404 Client Error|Can't load (?:the )?(?:tokenizer|configuration|model|image processor)|OfflineModeIsEnabled|outgoing traffic has been disabled|couldn't find them in the cached files|Cannot find any model weights|No (?:safetensors|model|weight)s? ?(?:weights |files? )?(?:were )?found|Couldn't instantiate the backend tokenizer/i,
    meaning:
      'the weights or files of the model are missing: the model’s name, its revision, or what the repository has for this engine',
    todo: 'check the model’s name and revision, that the token may see it, and that the cache is mounted',
    failureClass: 'recipe-refused',
  },
];
