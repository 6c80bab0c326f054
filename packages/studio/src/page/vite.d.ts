interface ImportMeta {
  readonly env: { readonly HAS_SERVICE_WORKER?: true };
}
declare module '*?url' {
  const url: string;
  // eslint-disable-next-line no-restricted-syntax -- what vite exports
  export default url;
}
