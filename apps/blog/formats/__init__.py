"""A page of the site in the forms that machines read: Markdown, structured data, a picture for links."""
