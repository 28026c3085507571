package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
)

// The labels that Secrets Manager moves by itself: the version that readers
// get, and the one that was current before.
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
)

// refusal is an error that Secrets Manager names.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.code + ": " + r.message }

var (
	errNoValue = refusal{
		"ResourceNotFoundException",
		"Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
	}
	errNoVersion = refusal{
		"ResourceNotFoundException", "Secrets Manager can't find the specified secret version.",
	}
	errLength = refusal{
		"InvalidParameterException", fmt.Sprintf("SecretString must have 1 to %d bytes", largest),
	}
	errToken = refusal{
		"InvalidParameterException", "ClientRequestToken must have 32 to 64 characters",
	}
	errExists = refusal{
		"ResourceExistsException", "A version with this ClientRequestToken has another value.",
	}
)

// versions are the versions of a secret, and which of them has which label. The
// current one is the file, which people and other processes write as well. All
// others are remembered as long as the server runs.
type versions struct {
	texts  map[string]string // by id
	labels map[string]string // the id of the version that has each label
}

// load takes over a file that was written without this server: it is the
// current version, and its digest is the id, which is the same in each process.
// Errors: errNoValue without a file.
func (v *versions) load(file string) error {
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(raw) == 0 {
		return errNoValue
	}
	if err != nil {
		return err
	}
	text := string(raw)
	if known, ok := v.texts[v.labels[stageCurrent]]; ok && known == text {
		return nil
	}
	sum := sha256.Sum256(raw)
	id := hex.EncodeToString(sum[:16])
	v.texts[id] = text
	v.label(stageCurrent, id)
	return nil
}

// label moves a label to a version.
func (v *versions) label(stage, id string) {
	if before, ok := v.labels[stage]; ok && stage == stageCurrent && before != id {
		v.labels[stagePrevious] = before
	}
	v.labels[stage] = id
}

// put makes a version with an id, and moves the labels to it: that of the
// current version if none is named, or if the secret has no value yet. The same
// version again changes nothing. Errors: errLength, errToken, errExists.
func (v *versions) put(id, text string, stages []string, file string) error {
	if text == "" || len(text) > largest {
		return errLength
	}
	if len(id) < 32 || len(id) > 64 {
		return errToken
	}
	if known, ok := v.texts[id]; ok {
		if known != text {
			return errExists
		}
		return nil
	}
	_, has := v.labels[stageCurrent]
	if (len(stages) == 0 || !has) && !slices.Contains(stages, stageCurrent) {
		stages = append(stages, stageCurrent)
	}
	if slices.Contains(stages, stageCurrent) {
		if err := Write(file, text); err != nil {
			return err
		}
	}
	v.texts[id] = text
	for _, stage := range stages {
		v.label(stage, id)
	}
	return nil
}

// move moves a label from a version to another one. It fails if the label is
// not where the request says that it is; this is the only condition that
// Secrets Manager has for a change. An empty id stands for no version.
func (v *versions) move(stage, from, to, file string) error {
	text, known := v.texts[to]
	if to != "" && !known {
		return errNoVersion
	}
	if holder, held := v.labels[stage]; held && holder != from {
		return refusal{"InvalidParameterException", fmt.Sprintf(
			"Staging label %s is currently attached to version %s, so you must explicitly reference "+
				"that version in RemoveFromVersionId.", stage, holder)}
	} else if !held && from != "" {
		return refusal{"InvalidParameterException", fmt.Sprintf(
			"Version %s does not have the staging label %s.", from, stage)}
	}
	switch {
	case to == "" && stage == stageCurrent:
		return refusal{"InvalidParameterException", "A secret has a version with AWSCURRENT."}
	case to == "":
		delete(v.labels, stage)
		return nil
	case stage == stageCurrent:
		if err := Write(file, text); err != nil {
			return err
		}
	}
	v.label(stage, to)
	return nil
}

// stages are the labels of a version.
func (v *versions) stages(id string) []string {
	var stages []string
	for stage, holder := range v.labels {
		if holder == id {
			stages = append(stages, stage)
		}
	}
	slices.Sort(stages)
	return stages
}

// status is the status of the answer to an error.
func status(err error) (int, refusal) {
	var named refusal
	if errors.As(err, &named) {
		return http.StatusBadRequest, named
	}
	return http.StatusInternalServerError, refusal{"InternalServiceError", err.Error()}
}
