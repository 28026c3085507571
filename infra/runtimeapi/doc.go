// Package runtimeapi runs a function's program, its bootstrap, the way Lambda
// does: in an environment of its own, under a double of the Lambda Runtime API,
// one invocation after the other.
//
// It has no extensions, no streamed answers and no X-Ray, and it starts no new
// process after one has ended.
package runtimeapi
