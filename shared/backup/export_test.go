package backup

// ReadWhole is Read with the records.
func ReadWhole(b Backup, archive []byte, checks Checks) (Content, error) {
	return read(b, archive, checks, true)
}
