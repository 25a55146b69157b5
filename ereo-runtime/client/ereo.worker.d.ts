// The script of a SharedWorker; what `share` of `ereo-client/tabs` starts.
export {};
