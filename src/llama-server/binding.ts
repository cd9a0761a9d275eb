import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A token's number in the model's vocabulary. */
export type Token = number;

/** The part of node-llama-cpp's model that the server uses. */
export interface LlamaModel {
  readonly trainContextSize: number;
  readonly fileInfo: {
    readonly metadata: {
      readonly tokenizer: {
        readonly chat_template?: string;
        readonly ggml: { readonly tokens: readonly string[] };
      };
    };
  };
  readonly tokens: { readonly bosString: string | null; readonly eosString: string | null };
  readonly tokenizer: unknown;
  tokenize(text: string, specialTokens?: boolean): Token[];
  detokenize(tokens: readonly Token[], specialTokens?: boolean, lastTokens?: readonly Token[]): string;
  isEogToken(token: Token): boolean;
  createContext(options: {
    readonly sequences: number;
    readonly contextSize: number;
    readonly batchSize: number;
    readonly threads: number;
  }): Promise<LlamaContext>;
  createEmbeddingContext(options: {
    readonly contextSize: number;
    readonly batchSize: number;
    readonly threads: number;
  }): Promise<LlamaEmbeddingContext>;
}

/** Computes one embedding after another. */
export interface LlamaEmbeddingContext {
  getEmbeddingFor(input: Token[]): Promise<{ readonly vector: readonly number[] }>;
  /** Tokens that the model evaluates for an input, with those that it adds. */
  calculateInputLength(input: Token[]): number;
}

export interface LlamaContext {
  getSequence(options?: { readonly tokenPredictor: TokenPredictor }): LlamaSequence;
}

/** Drafts tokens that the model then verifies in one step. */
export interface TokenPredictor {
  predictTokens(): Token[];
  /** The tokens among which it looks for the last ones. */
  updateInputTokens(tokens: Token[]): void;
}

export interface SamplingOptions {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly tokenBias?: TokenBias;
  readonly yieldEogToken: boolean;
}

export interface LlamaSequence {
  /** Counters of the predictor's tokens since the sequence was created. */
  readonly tokenPredictions: { readonly validated: number };
  /** What its KV cache holds. */
  readonly contextTokens: readonly Token[];
  readonly nextTokenIndex: number;
  /** Forgets what does not match the tokens. */
  adaptStateToTokens(tokens: Token[], allowShift: boolean): Promise<void>;
  clearHistory(): Promise<void>;
  evaluate(tokens: Token[], options: SamplingOptions): AsyncGenerator<Token, void, undefined>;
}

export interface TokenBias {
  set(tokens: Token[], bias: 'never'): TokenBias;
}

interface NodeLlamaCpp {
  getLlama(options: {
    readonly gpu: false;
    readonly build: 'never';
    readonly skipDownload: true;
    readonly progressLogs: false;
    readonly maxThreads: number;
  }): Promise<{ loadModel(options: { readonly modelPath: string }): Promise<LlamaModel> }>;
  readonly InputLookupTokenPredictor: new (options: {
    readonly patternLength: { readonly min: number };
    readonly predictionLength: { readonly min: number; readonly max: number };
  }) => TokenPredictor;
  readonly TokenBias: new (tokenizer: unknown) => TokenBias;
}

/** The part of a Jinja template that renders a conversation. */
interface JinjaTemplate {
  render(context: Readonly<Record<string, unknown>>): string;
}

/** What the server needs from the folder in which the engine was provisioned. */
export interface Binding {
  readonly llama: NodeLlamaCpp;
  readonly parseTemplate: (source: string) => JinjaTemplate;
}

/** Imports the engine from its folder. It is not a dependency of this project, so its types are declared above. */
export async function loadBinding(engineDir: string): Promise<Binding> {
  const fromEngine = createRequire(join(engineDir, 'package.json'));
  const llama: NodeLlamaCpp = await importResolved(engineDir, 'node-llama-cpp', 'dist/index.js');
  const jinja: { readonly Template: new (source: string) => JinjaTemplate } =
    fromEngine('@huggingface/jinja');
  return { llama, parseTemplate: (source) => new jinja.Template(source) };
}

/** node-llama-cpp is an ES module without a CommonJS entry, so it is located by its folder. */
async function importResolved(engineDir: string, name: string, entry: string) {
  return await import(pathToFileURL(join(engineDir, 'node_modules', name, entry)).href);
}
