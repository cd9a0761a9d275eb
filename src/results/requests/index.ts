export { readRequests, requestFileEndings, requestFormatOf, writeRequests } from './file.ts';
export { requestsPage } from './plot/page.ts';
