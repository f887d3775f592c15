package dir

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Config names a folder whose files are objects.
type Config struct {
	// Name of the source, unique; it is part of the identity of its objects: do not change it.
	Name string `yaml:"name"`
	// Path of the folder. It is read with everything below; links that lead out of it are not followed.
	Path string `yaml:"path"`
}

// Validate looks at the settings without touching the disk.
func (c *Config) Validate() error {
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("name: a folder source needs a name"))
	}
	if strings.TrimSpace(c.Path) == "" {
		errs = append(errs, errors.New("path: a folder source needs the path of a folder"))
	} else if strings.ContainsRune(c.Path, 0) {
		errs = append(errs, fmt.Errorf("path: %q is not a path", c.Path))
	} else if c.Path != "" && filepath.Clean(c.Path) == string(filepath.Separator) {
		errs = append(errs, errors.New("path: the whole file system cannot be a source"))
	}
	return errors.Join(errs...)
}
