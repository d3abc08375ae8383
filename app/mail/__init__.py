"""Mail, from an act in the activity log to a mail server.

notices: whom an act concerns gets a notice, and a mail that waits. delivery: mails are sent. letter: the text of
a mail, made when it is sent; style: its look. address: the addresses of pages in it.
"""
