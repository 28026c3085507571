package openapi

// sdk are the calls of operations in TagoIO's official SDKs, which name them otherwise.
var sdk = map[string]*SDK{}
