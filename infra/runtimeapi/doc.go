// Package runtimeapi runs a function's program, its bootstrap, the way Lambda
// does: in an environment of its own, under a double of the Lambda Runtime API,
// one invocation after the other.
//
// What it leaves out: extensions, streamed answers, X-Ray, and a new process in
// place of one that ended.
package runtimeapi
