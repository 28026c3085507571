package main

import (
	"time"

	"profiles/shared/secret"
)

// checkPassword is how long one password check takes with a whole CPU.
func checkPassword() time.Duration {
	const password = "granite otter lantern"
	hash := secret.Passwords{}.Hash(password)
	var took []time.Duration
	for range 11 {
		began := time.Now()
		secret.Passwords{}.Verify(hash, password)
		took = append(took, time.Since(began))
	}
	return median(took)
}
