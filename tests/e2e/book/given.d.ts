// What the blocks of the book use of the page around them.

declare function show(...what: unknown[]): void;
declare function render(...what: unknown[]): void;
declare function token(): Promise<string>;
declare const user: string;
