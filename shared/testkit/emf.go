package testkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// units are those that CloudWatch knows. Source: the specification of the
// embedded metric format.
var units = strings.Fields("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes " +
	"Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second " +
	"Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second " +
	"Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None")

// CheckLine holds a line of a function's log against what CloudWatch asks of
// it: a JSON object that has no member twice and, if it has metrics, follows
// the specification of the embedded metric format. It returns their names.
func CheckLine(line string) (metrics []string, err error) {
	members, err := membersOf(line)
	if err != nil {
		return nil, err
	}
	raw, has := members["_aws"]
	if !has {
		return nil, nil
	}
	var meta struct {
		Timestamp         *int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	}
	strict := json.NewDecoder(strings.NewReader(string(raw)))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&meta); err != nil {
		return nil, fmt.Errorf("_aws: %w", err)
	}
	if meta.Timestamp == nil || *meta.Timestamp < time.Now().Add(-24*time.Hour).UnixMilli() ||
		*meta.Timestamp > time.Now().Add(2*time.Hour).UnixMilli() {
		return nil, fmt.Errorf("the time %s is not of these days, in milliseconds", raw)
	}
	if len(meta.CloudWatchMetrics) == 0 {
		return nil, errors.New("_aws names no metrics")
	}
	for _, d := range meta.CloudWatchMetrics {
		if d.Namespace == "" || len(d.Namespace) > 255 || strings.HasPrefix(d.Namespace, "AWS/") {
			return nil, fmt.Errorf("%q is no namespace", d.Namespace)
		}
		if len(d.Metrics) == 0 || len(d.Metrics) > 100 {
			return nil, fmt.Errorf("%d metrics", len(d.Metrics))
		}
		if len(d.Dimensions) == 0 {
			return nil, errors.New("no set of dimensions")
		}
		for _, set := range d.Dimensions {
			if len(set) > 30 {
				return nil, fmt.Errorf("%d dimensions", len(set))
			}
			for _, name := range set {
				var value string
				err := json.Unmarshal(members[name], &value)
				if err != nil || value == "" || len(value) > 1024 {
					return nil, fmt.Errorf("the dimension %s is %s", name, members[name])
				}
			}
		}
		for _, m := range d.Metrics {
			if m.Name == "" || len(m.Name) > 1024 || slices.Contains(metrics, m.Name) {
				return nil, fmt.Errorf("%q is no name of a metric, or there twice", m.Name)
			}
			if !slices.Contains(units, m.Unit) {
				return nil, fmt.Errorf("%q is no unit", m.Unit)
			}
			if !isValue(members[m.Name]) {
				return nil, fmt.Errorf("the value of %s is %s", m.Name, members[m.Name])
			}
			metrics = append(metrics, m.Name)
		}
	}
	return metrics, nil
}

// isValue reports whether CloudWatch takes a member as values of a metric.
func isValue(raw json.RawMessage) bool {
	var one float64
	if json.Unmarshal(raw, &one) == nil {
		return true
	}
	var list []float64
	return json.Unmarshal(raw, &list) == nil && len(list) > 0 && len(list) <= 100
}

// membersOf returns the members of a JSON object, none of which may be there
// twice.
func membersOf(line string) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(strings.NewReader(line))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("the line is no object: %v", err)
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		key, _ := name.(string)
		if _, twice := members[key]; twice {
			return nil, fmt.Errorf("the member %s is there twice", key)
		}
		members[key] = value
	}
	_, err := d.Token()
	return members, err
}
