import type { Dataset } from '../../src/server/api.ts';

/** The data inside the page where it was published as a file, else the API's. */
export async function loadDataset(): Promise<Dataset> {
  const embedded = document.getElementById('dataset')?.textContent;
  if (embedded) return JSON.parse(embedded);
  const response = await fetch('api/v1/dataset');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return await response.json();
}
