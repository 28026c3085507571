// Package auditlog has the rules of audit logs: entries, the changes in them,
// queries, and the chain that ties each entry to the one before.
package auditlog
