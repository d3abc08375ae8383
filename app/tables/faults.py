"""What is wrong with a file of ideas, each in one sentence for people."""

from app.sandbox.reading import UnreadableFile
from ideas.errors import message_id


class UnusableFile(UnreadableFile):
    """The file can't be imported. The message says why, and what to do."""


class UnnamedFault(UnusableFile):
    message = message_id("This file can’t be read. Save it again as CSV (UTF-8) or as .xlsx.")


class EmptyFile(UnusableFile):
    message = message_id("This file is empty.")


class NoRows(UnusableFile):
    message = message_id("This file has column names but no rows. There is nothing to import.")


class OldExcel(UnusableFile):
    message = message_id("This file is in the old Excel format (.xls). Save it as .xlsx or as CSV.")


class NotExcel(UnusableFile):
    message = message_id("This Excel file can’t be read. Save it again as .xlsx, or as CSV.")


class UnpacksTooLarge(UnusableFile):
    message = message_id(
        "This file is too large once unpacked. Split it, or save only the sheet with the ideas as CSV."
    )


class UnknownEncoding(UnusableFile):
    message = message_id("This text can’t be read from line %(line)s on. Save the file as CSV in UTF-8.")


class BrokenTable(UnusableFile):
    message = message_id("This table can’t be read to its end. Look for a quotation mark that is not closed.")


class TooManyColumns(UnusableFile):
    message = message_id(
        "This file has %(count)s columns. The limit is %(most)s. Delete the columns that are not about the ideas."
    )


class TooManyRows(UnusableFile):
    message = message_id("This file has more than %(most)s rows. Split it into several files.")


class TooManyCells(UnusableFile):
    message = message_id(
        "This file has more than %(most)s filled cells. Split it, or delete the columns that are not about the ideas."
    )


class TooMuchText(UnusableFile):
    message = message_id("This file holds more than %(most)s million characters. Split it into several files.")


class UnknownColumn(UnusableFile):
    message = message_id("There is no column “%(name)s”. The file has: %(columns)s.")


class NoTextColumn(UnusableFile):
    message = message_id("Choose the column that holds the text. The file has: %(columns)s.")


class ColumnChosenTwice(UnusableFile):
    message = message_id("The column “%(name)s” is chosen twice. Choose another one.")


FAULTS: dict[str, type[UnusableFile]] = {
    "empty": EmptyFile,
    "old_excel": OldExcel,
    "not_excel": NotExcel,
    "too_large": UnpacksTooLarge,
    "encoding": UnknownEncoding,
    "broken": BrokenTable,
    "too_many_rows": TooManyRows,
    "too_many_columns": TooManyColumns,
    "too_many_cells": TooManyCells,
    "too_much_text": TooMuchText,
}
