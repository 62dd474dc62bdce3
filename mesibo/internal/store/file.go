package store

import "path/filepath"

// Path returns the file of the database, empty for one in memory.
func (s *Store) Path() string {
	var file string
	if err := s.r.Raw("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file).Error; err != nil {
		return "" // closed
	}
	return filepath.FromSlash(file)
}
