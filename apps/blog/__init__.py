"""The public site: home, posts, docs, pricing, changelog; edited in Wagtail at /cms/."""
