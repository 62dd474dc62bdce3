// Package telegram reads what Telegram Desktop exports: a folder with the file result.json, of one chat or of all, and
// the files of messages. The file is read as a stream, whatever its size, and believed in nothing: it may come from
// anybody. The format is described at https://core.telegram.org/import-export.
package telegram
