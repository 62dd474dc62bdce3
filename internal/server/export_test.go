package server

// WithWriterPragmas sets pragmas on the writer's connection. The function is asked each time the writer connects.
func (o Options) WithWriterPragmas(pragmas func() []string) Options {
	o.writerPragmas = pragmas
	return o
}
